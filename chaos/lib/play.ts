import { runOutboxScene } from "./outbox-scene.ts";
import { runScene, type ScenePlan, type SceneResult } from "./scene.ts";

/** Plays a scene of any kind. Ends by itself, and leaves nothing; rejects if it can't be played. */
export function play(plan: ScenePlan): Promise<SceneResult> {
  return plan.profile.killsClients === true ? runOutboxScene(plan) : runScene(plan);
}
