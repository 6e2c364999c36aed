/** Jest's own runner, one test file after the other, and nothing beside them. */
import TestRunner from 'jest-runner';

export default class SerialRunner extends TestRunner {
  isSerial = true;
}
