// Brings the store to the version that the server wants. It may run at every start: what is done is not done again.
const fs = require('fs');

const WANTED = 2;
const STORE = '/data/store.json';
const migrations = [
    (store) => ({ ...store, items: [] }),
    (store) => ({ ...store, items: store.items.map((name) => ({ name })) }),
];

let store = fs.existsSync(STORE) ? JSON.parse(fs.readFileSync(STORE)) : { version: 0 };
if (store.version > WANTED) {
    console.error(`migrate: the store has version ${store.version}, this image knows ${WANTED}`);
    process.exit(3);
}
for (; store.version < WANTED; store.version++) {
    store = migrations[store.version](store);
    console.log(`migrate: version ${store.version + 1}`);
}
fs.writeFileSync(STORE + '.new', JSON.stringify(store));
fs.renameSync(STORE + '.new', STORE);
