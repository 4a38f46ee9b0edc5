import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { keepTwoLocales } from "./build/locales.ts";
import { sealShell } from "./build/sealShell.ts";

const { version } = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")) as { version: string };

export default defineConfig({
  plugins: [react(), keepTwoLocales(["en-US", "de-DE"]), sealShell(version)],
  define: { __APP_VERSION__: JSON.stringify(version) },
  worker: { format: "es" },
  build: {
    target: "es2022",
    // The policy of the server allows no inline script, and an inlined asset could not be checked by its hash.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // Packing every file takes most of the build, and is meant to.
      checks: { bundlerTimings: false },
      input: { index: "index.html", sw: "src/sw/sw.ts" },
      output: {
        // A service worker serves what lies beside and below it, so it has to be at the root under one name.
        entryFileNames: (chunk) => (chunk.name === "sw" ? "sw.js" : "assets/[name]-[hash].js"),
      },
    },
  },
});
