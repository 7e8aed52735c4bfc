const scripts: Readonly<Record<string, string>> = {
  bash: `_couplet() {
  local IFS=$'\\n'
  COMPREPLY=( $(couplet __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null) )
}
complete -o default -F _couplet couplet
`,
  zsh: `#compdef couplet
_couplet() {
  local -a found
  found=("\${(@f)$(couplet __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _couplet couplet
`,
  fish:
    `complete -c couplet -f -a '(couplet __complete (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};

/** The script that a shell sources to complete our commands; it asks the program itself each time. */
export const completionScript = (shell: string | undefined): string | undefined =>
  shell !== undefined && Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
