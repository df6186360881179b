// A site of files only: `next build` writes it to `out/`, any web server serves it.
import { fileURLToPath } from "node:url";

/** @type {import("next").NextConfig} */
export default {
  output: "export",
  // The engine's package lies beside this folder in the repository, not below it.
  turbopack: { root: fileURLToPath(new URL("../..", import.meta.url)) },
};
