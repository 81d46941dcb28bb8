// What a credential may be called, and how a person brings one in.

/** A name that a spec may give, a file may have, and a variable may end in. */
export const CREDENTIAL_NAME = /^[a-z0-9][a-z0-9-]{0,99}$/;

const isDefault = (name: string): boolean => name === 'default';

/** The command that brings a credential in, or back. */
export const authorizeCommand = (name: string): string =>
  `npx pinterest-ads authorize${isDefault(name) ? '' : ` --credential ${name}`}`;

const variableOf = (name: string): string =>
  `PINTEREST_ACCESS_TOKEN${isDefault(name) ? '' : `_${name.toUpperCase().replaceAll('-', '_')}`}`;

/** What a person does about a credential that the worker does not have. */
export const bringItIn = (name: string): string =>
  CREDENTIAL_NAME.test(name)
    ? `Set ${variableOf(name)} in its environment and start it again, or give consent: ${authorizeCommand(name)}`
    : 'No credential can be called so: a name is 1 to 100 characters of a-z, 0-9 and -, and begins with no hyphen';
