/*
 * Imported for its effect, before any library. Where the current directory has been removed Node's `process.cwd()`
 * throws, libraries ask for it as they are loaded, and a command that needs no directory would not run. The kernel
 * still knows it under this name.
 */

try {
  process.cwd();
} catch {
  process.cwd = () => '/proc/self/cwd';
}
