// Opens pages in headless Chromium as a phone and a desk would show them, in light and in dark.
// stdin: {"modules": folder of node_modules, "chromium": program, "pages": {name: file}, "pictures": folder or null,
//         "height": of the pictures, else all of the page,
//         "axe": whether axe-core looks too}
// stdout: [{"page", "width", "dark", "overflow", "title", "violations": [text]}]
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const job = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(join(job.modules, "x.js"));
const { chromium } = require("playwright-core");
const axe = job.axe ? readFileSync(require.resolve("axe-core/axe.min.js"), "utf8") : "";
const browser = await chromium.launch({ executablePath: job.chromium, args: ["--no-sandbox", "--force-color-profile=srgb"] });
const seen = [];
try {
  for (const [page, file] of Object.entries(job.pages))
    for (const width of [375, 800])
      for (const dark of [false, true]) {
        const tab = await browser.newPage({
          viewport: { width, height: 800 },
          deviceScaleFactor: width < 500 ? 2 : 1,
          colorScheme: dark ? "dark" : "light",
        });
        await tab.route(/^https?:/, (route) => route.abort());
        await tab.goto("file://" + file);
        const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        let violations = [];
        if (job.axe) {
          await tab.evaluate(axe);
          const found = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
          violations = found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`));
        }
        if (job.pictures) {
          const name = `${page}-${width}-${dark ? "dark" : "light"}.png`;
          await tab.screenshot({ path: join(job.pictures, name), ...(job.height ? { clip: { x: 0, y: 0, width, height: job.height } } : {}), fullPage: true });
        }
        seen.push({ page, width, dark, overflow, title: await tab.title(), violations });
        await tab.close();
      }
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
