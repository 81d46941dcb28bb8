/** One message that ends the program: exit code 1, no stack. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
