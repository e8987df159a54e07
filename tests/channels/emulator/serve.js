// Starts telegram-test-api on a free port of loopback, prints the port, and ends with its standard input.
const { once } = require("node:events");
const net = require("node:net");
const TelegramServer = require("telegram-test-api");

(async () => {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  const server = new TelegramServer({ port, host: "127.0.0.1", protocol: "http", storage: "RAM" });
  await server.start();
  console.log(port);
  process.stdin.resume();
  process.stdin.on("end", () => process.exit(0));
})();
