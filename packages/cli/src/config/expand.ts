/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;

/**
 * Replaces `${VAR}` by the variable's value; `$${` stands for a literal `${`. Values are inserted as they are and never
 * read as YAML or expanded again, so that a password cannot change the shape of the file.
 *
 * @returns the text, and what is wrong with it in words
 */
export const expandVariables = (
  text: string,
  env: Environment,
): { readonly text: string; readonly problems: readonly string[] } => {
  const problems: string[] = [];
  const expanded = text.replace(REFERENCE, (match, name: string | undefined) => {
    if (match === '$${') return '${';
    if (name === undefined) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it explains the placeholder itself
      problems.push('expected ${NAME}, got "${" without a name or a closing brace; write $${ for a literal ${');
      return match;
    }
    const value = env[name];
    if (value === undefined) {
      problems.push(`environment variable ${name} is not set`);
      return match;
    }
    return value;
  });
  return { text: expanded, problems };
};
