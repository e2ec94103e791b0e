// Reads a board and makes, moves and archives a card with a client that checks each answer against Trello's schemas.
// stdin: {"modules": folder of node_modules, "url": the service, "key", "token", "board": id, "list", "done": ids,
//         "card": {name, desc, due}}
// stdout: {"lists": [name], "cards": [id], "made": card, "moved": card, "archived": card}
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(0, "utf8"));
process.env.TRELLO_STRICT_SCHEMAS = "true";
const entry = join(job.modules, "trello.js", "dist", "index.js");
const { createTrelloClient } = await import(pathToFileURL(entry).href);
const trello = createTrelloClient({ host: `${job.url}/1`, apiKey: job.key, apiToken: job.token });
const told = {};
told.lists = (await trello.boards.getBoardLists({ id: job.board, filter: "open" })).map((one) => one.name);
told.cards = (await trello.boards.getBoardCardsByFilter({ id: job.board, filter: "all" })).map((one) => one.id);
told.made = await trello.cards.createCard({ idList: job.list, pos: "bottom", ...job.card });
told.moved = await trello.cards.updateCard({ id: told.made.id, closed: false, idList: job.done, dueComplete: true });
told.archived = await trello.cards.updateCard({ id: told.made.id, closed: true });
console.log(JSON.stringify(told));
