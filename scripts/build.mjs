import { resolve } from "node:path";
import { bundle } from "./bundle.mjs";

await bundle(resolve("dist"));
