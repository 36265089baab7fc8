/** Which addresses the page follows: the web's for links, only its own server's for pictures and files. */

const FILES = /^\/(?:ephemeral-)?attachments\//;
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** An address for a link, or null for anything that is not plainly a web address. */
export function webAddress(text: string): string | null {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * Where a file of this server lies, or null for one of any other host: nothing is ever fetched from elsewhere.
 *
 * Payloads name the server by one address; the page may have been opened under another name of the same machine.
 */
export function ownFile(text: string): string | null {
  const address = webAddress(text);
  if (address === null) return null;
  const url = new URL(address);
  const isHere = url.host === location.host || LOOPBACK.test(url.hostname);
  return isHere && FILES.test(url.pathname) ? url.pathname : null;
}
