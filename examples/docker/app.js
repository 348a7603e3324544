// A service that answers /health and stops on TERM.
'use strict';
const http = require('http');

const server = http.createServer((request, response) => {
  response.writeHead(request.url === '/health' ? 200 : 404, { 'Content-Type': 'text/plain' });
  response.end(request.url === '/health' ? 'ok\n' : 'not found\n');
});

process.on('SIGTERM', () => {
  server.close(() => console.log('bye'));
});
server.listen(Number(process.env.PORT || 8080));
