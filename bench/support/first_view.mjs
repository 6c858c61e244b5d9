// A cold browser opens the app: bytes by kind as they came over the wire, and the moment the page's own heading stands.
import { Stand } from '../../tests/web/support/stand.mjs';

const path = process.argv[2] ?? '/';
const stand = await Stand.begin({ collect: true });
const page = await stand.open();
const line = await page.context().newCDPSession(page);
await line.send('Network.enable');
await line.send('Network.setCacheDisabled', { cacheDisabled: true });
await line.send('Network.emulateNetworkConditions', { offline: false, latency: 20, downloadThroughput: 10e6 / 8, uploadThroughput: 10e6 / 8 });
const kinds = new Map(), bytes = {};
line.on('Network.responseReceived', (e) => kinds.set(e.requestId, e.type));
line.on('Network.loadingFinished', (e) => {
  const kind = kinds.get(e.requestId) ?? 'Other';
  bytes[kind] = (bytes[kind] ?? 0) + e.encodedDataLength;
});
const times = [];
for (let i = 0; i < 5; i++) {
  for (const kind of Object.keys(bytes)) delete bytes[kind];
  const began = Date.now();
  await page.goto(path, { waitUntil: 'commit' });
  while (!(await page.evaluate(() => !!document.querySelector('h1')))) await new Promise((done) => setTimeout(done, 5));
  times.push(Date.now() - began);
  await stand.settle(page);
}
times.sort((a, b) => a - b);
for (const [kind, size] of Object.entries(bytes)) console.log(`${kind} ${(size / 1000).toFixed(1)} KB`);
console.log(`usable ${times[2]} ms (the middle of ${times.join(', ')})`);
await stand.end();
console.log(`bundle ${((bytes.Script ?? 0) / 1000).toFixed(1)} KB`);
