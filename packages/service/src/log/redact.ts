const URL_PATTERN = /\b([a-z][a-z0-9+.-]*):\/\/[^\s"'<>`]+/gi;
const BEARER_PATTERN = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/g;
const SECRET_KEY =
  /^(authorization|cookie|password|passphrase|mnemonic|seed|secret|.*(secret|password|passphrase|private[-_]?key|api[-_]?key|access[-_]?token|auth[-_]?token|bearer[-_]?token))$/i;

/** What stands in place of a secret. */
export const REDACTED = '[redacted]';

/**
 * A URL without anything that may be a secret: scheme, host and port only, since providers put API keys in user info,
 * path and query alike. Text that is no URL becomes `[redacted]`.
 */
export const redactUrl = (url: string | URL): string => {
  try {
    const { protocol, host } = new URL(url);
    return host === '' ? `${protocol}//${REDACTED}` : `${protocol}//${host}`;
  } catch {
    return REDACTED;
  }
};

/** Text in which every URL is reduced to its origin, and every bearer or basic credential is gone. */
export const redactText = (text: string): string => {
  const bare = text.includes('://')
    ? text.replace(URL_PATTERN, (url) => (url.startsWith('file:') ? url : redactUrl(url)))
    : text;
  return bare.includes('B') ? bare.replace(BEARER_PATTERN, `$1 ${REDACTED}`) : bare;
};

/** True for names of fields whose value is never shown. */
export const isSecretKey = (key: string): boolean => SECRET_KEY.test(key);
