// Builds the page into bot/playground/page/, from where the playground's server serves it and the wheel carries it.
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = new URL("./", import.meta.url);
const target = new URL("../bot/playground/page/", here);

// lit's own directive writes a `style` attribute once, which the page's Content-Security-Policy forbids.
const stylesThroughTheObjectModel = {
  name: "styles-through-the-object-model",
  setup(building) {
    building.onResolve({ filter: /^lit\/directives\/style-map\.js$/ }, () => ({
      path: fileURLToPath(new URL("src/style-map.ts", here)),
    }));
  },
};

/** The packages that a bundle holds, each with what its licence asks to be passed on. */
async function licences(inputs) {
  const names = new Set(Object.keys(inputs).map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]));
  names.delete(undefined);
  const parts = [...names].sort().map(async (name) => {
    const folder = new URL(`node_modules/${name}/`, here);
    const { version, license, author } = JSON.parse(await readFile(new URL("package.json", folder), "utf8"));
    const by = typeof author === "string" ? author : (author?.name ?? "");
    const file = (await readdir(folder)).find((each) => /^licen[cs]e/i.test(each));
    const text = file ? await readFile(new URL(file, folder), "utf8") : "";
    return `${name} ${version}\n${license} ${by}\n\n${text}`.trim();
  });
  return `${(await Promise.all(parts)).join(`\n\n${"-".repeat(72)}\n\n`)}\n`;
}

await rm(target, { recursive: true, force: true });
await mkdir(new URL("assets/", target), { recursive: true });
const result = await build({
  absWorkingDir: fileURLToPath(here),
  entryPoints: { page: "src/main.ts" },
  outdir: fileURLToPath(new URL("assets/", target)),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  plugins: [stylesThroughTheObjectModel],
});
await build({
  absWorkingDir: fileURLToPath(here),
  entryPoints: { page: "style/page.css" },
  outdir: fileURLToPath(new URL("assets/", target)),
  bundle: true,
  minify: true,
});
await cp(new URL("index.html", here), new URL("index.html", target));
await cp(new URL("favicon.svg", here), new URL("assets/favicon.svg", target));
await writeFile(new URL("assets/licences.txt", target), await licences(result.metafile.inputs));
for (const [path, { bytes }] of Object.entries(result.metafile.outputs)) {
  console.log(`${path.split("/").at(-1)}: ${Math.round(bytes / 1000)} kB`);
}
