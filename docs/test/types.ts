// Whether shown programs have type errors, as the repository's own settings see them.
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

/** A text that the compiler takes for a file at `path`. */
export interface Shown {
  readonly path: string;
  readonly text: string;
}

/** Type errors of texts under the settings of a `tsconfig` file: their path, line and message. */
export function typeErrors(shown: readonly Shown[], tsconfig: URL): string[] {
  const config = fileURLToPath(tsconfig);
  const read = ts.readConfigFile(config, (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent(
    { ...read.config, files: [] },
    ts.sys,
    fileURLToPath(new URL('.', tsconfig)),
  );
  // What a program shows it need not use.
  const settings = { ...options, noUnusedLocals: false, noUnusedParameters: false };
  const texts = new Map(shown.map(({ path, text }) => [path, text]));
  const host = ts.createCompilerHost(settings);
  host.fileExists = (path) => texts.has(path) || ts.sys.fileExists(path);
  host.readFile = (path) => texts.get(path) ?? ts.sys.readFile(path);
  const program = ts.createProgram([...texts.keys()], settings, host);
  return [...texts.keys()].flatMap((path) => {
    const file = program.getSourceFile(path)!;
    const found = [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ];
    return found.map(({ start, messageText }) => {
      const { line } = file.getLineAndCharacterOfPosition(start ?? 0);
      return `${path}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}
