import type { ApiError } from './relay-api.ts';

/** One line for a person: what failed, and what the relay said. */
export const describeApiError = (error: ApiError): string => {
  switch (error.type) {
    case 'unreachable':
      return `the relay cannot be reached: ${error.message}`;
    case 'refused':
      return `the relay refused: ${error.message} (${error.code})`;
    case 'unexpected':
      return error.message;
  }
};
