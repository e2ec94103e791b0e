// Reads an Adaptive Card from stdin, parses and renders it as Microsoft's own library does, and prints what came of it:
// {"problems": […], "text": "…", "html": "…", "actions": [[title, url]], "version": "…"}.
const fs = require("fs");
const path = require("path");
const modules = path.join(process.argv[2], "node_modules");
const { JSDOM } = require(path.join(modules, "jsdom"));

const page = new JSDOM("<!doctype html><html><body></body></html>", { runScripts: "outside-only" });
// jsdom lays nothing out, and so knows no innerText, which the library writes texts with.
Object.defineProperty(page.window.HTMLElement.prototype, "innerText", {
  get() { return this.textContent; },
  set(text) { this.textContent = text; },
});
page.window.eval(fs.readFileSync(path.join(modules, "adaptivecards", "dist", "adaptivecards.min.js"), "utf-8"));
const cards = page.window.AdaptiveCards;

const context = new cards.SerializationContext();
const card = new cards.AdaptiveCard();
card.parse(JSON.parse(fs.readFileSync(0, "utf-8")), context);
const problems = [];
for (let i = 0; i < context.eventCount; i++) problems.push(context.getEventAt(i).message);
for (const failure of card.validateProperties().validationEvents) problems.push(failure.message);
const rendered = card.render();
const actions = [];
for (let i = 0; i < card.getActionCount(); i++) actions.push([card.getActionAt(i).title, card.getActionAt(i).url]);
const { textContent: text, outerHTML: html } = rendered;
process.stdout.write(JSON.stringify({ problems, text, html, actions, version: String(card.version) }));
