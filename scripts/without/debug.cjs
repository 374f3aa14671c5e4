// What Express says with DEBUG set.
module.exports = () => Object.assign(() => {}, { enabled: false });
