// A server that needs the migrated store, and a URL with a password in it.
const fs = require('fs');
const http = require('http');

const store = JSON.parse(fs.readFileSync('/data/store.json'));
const database = new URL(process.env.DATABASE_URL);

const server = http.createServer((request, response) => {
    response.end(`version ${store.version}, ${database.username} of ${database.host}, password of ${database.password.length}\n`);
});
process.once('SIGTERM', () => server.close(() => console.log('bye')));
server.listen(process.env.PORT, () => console.log('listening'));
