import type { Register } from './group.ts';

export const registerGuard: Register = () => {};
