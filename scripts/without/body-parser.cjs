// Express loads it for express.json() and its like, with some forty packages behind it; sse-tail takes no bodies.
module.exports = {};
