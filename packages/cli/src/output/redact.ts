const URL_TAIL = /(\b[a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@"']*@)?([^\s/?#"'<>]+)[^\s"'<>]*/gi;

/** Text whose URLs have lost credentials, path and query: that is where API keys are. */
export const redactUrls = (text: string): string => text.replace(URL_TAIL, '$1$2/…');
