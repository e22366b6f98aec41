import type { Register } from './group.ts';

export const registerClient: Register = () => {};
