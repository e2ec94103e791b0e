// Reads services with their vendors' own clients, and parses queries with Salesforce developers' own parser.
// stdin: {"modules": folder of node_modules, "url": the services' address, "pipedrive": token, "salesforce": session,
//         "version": of Salesforce's API, "queries": [SOQL]}
// stdout: {"deals": [id], "archived": [id], "activities": [id], "leads": [id], "refused": what a wrong token is told,
//          "records": {SOQL: [record]}, "parsed": [SOQL as it was understood]}
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const job = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(join(job.modules, "x.js"));
const told = {};

const v1 = require("pipedrive/v1");
const v2 = require("pipedrive/v2");
const old = new v1.LeadsApi(new v1.Configuration({ apiKey: job.pipedrive, basePath: `${job.url}/v1` }));
const current = new v2.Configuration({ apiKey: job.pipedrive, basePath: `${job.url}/api/v2` });

async function byCursor(ask) {
  const ids = [];
  let cursor;
  do {
    const page = await ask({ limit: 500, cursor });
    ids.push(...page.data.map((one) => one.id));
    cursor = page.additional_data.next_cursor;
  } while (cursor);
  return ids;
}

const deals = new v2.DealsApi(current);
told.deals = await byCursor((asked) => deals.getDeals(asked));
told.archived = await byCursor((asked) => deals.getArchivedDeals(asked));
told.activities = await byCursor((asked) => new v2.ActivitiesApi(current).getActivities(asked));
told.leads = [];
for (let start = 0, more = true; more; ) {
  const page = await old.getLeads({ start, limit: 100 });
  told.leads.push(...(page.data ?? []).map((one) => one.id));
  more = page.additional_data.pagination.more_items_in_collection;
  start = page.additional_data.pagination.next_start;
}
const wrong = new v2.DealsApi(new v2.Configuration({ apiKey: "no", basePath: `${job.url}/api/v2` }));
told.refused = await wrong.getDeals({}).then(() => "", (error) => error);

const { parseQuery, composeQuery } = require("@jetstreamapp/soql-parser-js");
told.parsed = job.queries.map((query) => composeQuery(parseQuery(query)));

const jsforce = require("jsforce");
const org = new jsforce.Connection({ instanceUrl: job.url, accessToken: job.salesforce, version: job.version });
told.records = {};
for (const query of job.queries)
  told.records[query] = (await org.query(query).execute({ autoFetch: true, maxFetch: 100000 })).records;

process.stdout.write(JSON.stringify(told));
