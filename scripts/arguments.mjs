import path from 'node:path'

/**
 * Makes the values of --data and --config absolute. npm runs us in the repository's root, but the caller's
 * folder (INIT_CWD) is what a relative path on the command line means.
 * @param {string[]} args
 */
export function withAbsolutePaths(args, from = process.env.INIT_CWD ?? process.cwd()) {
  return args.map((arg, at) => {
    const joined = /^(--(?:data|config))=(.+)$/s.exec(arg)
    if (joined) return `${joined[1]}=${path.resolve(from, joined[2] ?? '')}`
    const before = args[at - 1]
    const isPath = (before === '--data' || before === '--config') && !arg.startsWith('--')
    return isPath ? path.resolve(from, arg) : arg
  })
}
