import { ChainError } from '../errors.ts';

const noAnswer = (): ChainError =>
  new ChainError('chain/unavailable', 'what was answered is no answer to the question', { retryable: true });

/** @throws ChainError `chain/unavailable` where there is nothing to compare */
export const assertAnswer = <T>(answer: T): T => {
  if (typeof answer !== 'object' || answer === null) throw noAnswer();
  return answer;
};

/** @throws ChainError `chain/unavailable` unless there is an answer to each */
export const assertAnswers = <T>(asked: readonly unknown[], answers: readonly T[]): readonly T[] => {
  if (!Array.isArray(answers) || answers.length !== asked.length) throw noAnswer();
  return answers;
};
