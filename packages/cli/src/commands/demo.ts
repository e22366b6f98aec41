import type { Register } from './group.ts';

export const registerDemo: Register = () => {};
