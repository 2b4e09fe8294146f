// express-pouchdb in memory, plain HTTP on a free port of 127.0.0.1; the port is printed.
const PouchDB = require("pouchdb").plugin(require("pouchdb-adapter-memory")).defaults({ adapter: "memory" });
const app = require("express")();
app.use("/", require("express-pouchdb")(PouchDB, { mode: "minimumForPouchDB", inMemoryConfig: true, logPath: "/dev/null" }));
const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
