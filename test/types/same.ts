/** True only if two types are the same; unlike being assignable both ways, `any` is the same as nothing but itself. */
// The two functions are never called: how they compare is what TypeScript knows of the types.
/* oxlint-disable typescript/no-unnecessary-type-parameters */
export type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

/** `same<A, B>(true)` compiles only if the types are the same. */
export declare function same<One, Other>(areSame: Same<One, Other>): void;
