// Express' extended query parser, which is off.
module.exports = {};
