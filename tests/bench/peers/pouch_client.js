// Reads one word a line (new, edit, sync) and answers each with a line of JSON; "sync" replicates once to the server.
const PouchDB = require("pouchdb").plugin(require("pouchdb-adapter-memory"));
const [url, items] = [process.argv[2], Number(process.argv[3])];
const local = new PouchDB("ward", { adapter: "memory" });
const value = () => String(100 + Math.floor(Math.random() * 900));
const form = () => Object.fromEntries(Array.from({ length: items }, (_, i) => [`IT${String(i).padStart(2, "0")}`, value()]));
let last = null;
const work = {
  new: async (count) => { const done = await local.bulkDocs(Array.from({ length: count }, form)); last = done[0].id; },
  edit: async () => { const doc = await local.get(last); doc.IT03 = value(); await local.put(doc); },
  sync: async () => { const began = process.hrtime.bigint(); let done = null;
    while (!done) { done = await local.replicate.to(url, { retry: false }).catch(() => null); }
    return { seconds: Number(process.hrtime.bigint() - began) / 1e9, written: done.docs_written, ok: done.ok }; },
};
(async () => {
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    const [word, count] = line.split(" ");
    console.log(JSON.stringify((await work[word](Number(count))) || {}));
  }
})();
