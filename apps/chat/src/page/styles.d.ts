/** Style sheets are imported for the bundler, and bring no names. */
declare module "*.css";
