import type { Register } from './group.ts';

export const registerProof: Register = () => {};
