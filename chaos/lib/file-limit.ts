/** What the process needs beside those that were counted. */
const SPARE = 500;

/** Throws if this process may not have so many files open: each connection is one. */
export function assertFiles(count: number): void {
  const { userLimits } = process.report.getReport() as unknown as {
    readonly userLimits?: { readonly open_files: { readonly soft: number | "unlimited" } };
  };
  const most = userLimits?.open_files.soft;
  if (typeof most !== "number" || most >= count + SPARE) return;
  throw new Error(
    `This scene needs ${count + SPARE} open files, and may have ${most}: raise it (ulimit -n), or take fewer clients.`,
  );
}
