/** The back end outside of Node. */
export { noble as backend } from './noble.ts';
