/** An output that is a URL: lines go there by HTTP. */

/** Whether it is one, well-formed or not; anything else is the path of a file. */
export function isUrl(output: string | undefined): output is string {
  return output !== undefined && /^https?:\/\//i.test(output);
}

/** What messages call it: the query may have passwords in it, and is left out. */
export function nameOfUrl(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
