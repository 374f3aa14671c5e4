/** Vite: the URL of a script that is built as a worker. */
declare module '*?worker&url' {
  const url: string;
  export default url;
}

declare module '*.css';
