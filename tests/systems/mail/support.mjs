// What mail programs make of the HTML and CSS of mails, by the data of caniemail.
// stdin: {"modules": folder of node_modules, "pages": {name: file}, "clients": [names or globs]}
// stdout: {page: {"none": {feature: [client]}, "partial": {feature: [client]}}}
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(0, "utf8"));
const { caniemail, rawData } = await import(pathToFileURL(join(job.modules, "caniemail/dist/index.js")));
const { clientNames: all } = await import(pathToFileURL(join(job.modules, "caniemail/dist/clients.js")));
// Nobody has tried some features in some programs, on which the package stops: that is no finding.
for (const feature of rawData.data)
  for (const [client, platform] of all.map((name) => name.split(".")))
    ((feature.stats[client] ??= {})[platform] ??= {})["0"] ??= "y";

const gathered = (issues) => {
  const found = {};
  for (const [client, each] of issues)
    for (const { title } of each) if (!(found[title] ??= []).includes(client)) found[title].push(client);
  return found;
};
const said = {};
for (const [page, file] of Object.entries(job.pages)) {
  const { issues } = caniemail({ clients: job.clients, html: readFileSync(file, "utf8") });
  said[page] = { none: gathered(issues.errors), partial: gathered(issues.warnings) };
}
console.log(JSON.stringify(said));
