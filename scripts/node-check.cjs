// The first that runs in dist/main.mjs and dist/mail.cjs, which the build puts it into: an older
// Node ends in the middle of a native module. Old syntax only; `fs` is what stands around it.
(function checkNode() {
  const root = process.env.OV_KEEP_NODE;
  delete process.env.OV_KEEP_NODE;
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = "{{floor}}".split(".").map(Number);
  const attempt = (work) => {
    try {
      work();
    } catch (_) {
      // A folder that this user may not write to: the next call looks for Node again.
    }
  };
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) {
    // Which Node works, for calls whose PATH has none; bin/ov reads it.
    if (root && !process.execPath.startsWith(`${root}/`)) {
      const kept = `${root}/.overture/node`;
      attempt(() => {
        fs.writeFileSync(`${kept}.${process.pid}`, `${process.execPath}\n${root}\n`, {
          mode: 0o600,
        });
        fs.renameSync(`${kept}.${process.pid}`, kept);
      });
    }
    return;
  }
  const words = process.argv.slice(2);
  const message = `Overture needs Node {{floor}} or newer; ${process.execPath} is ${process.versions.node}`;
  if (!words.some((word) => /^(log|--inject|--(event|moment)(=.*)?)$/.test(word))) {
    process.stderr.write(`ov: ${message}\n    install a newer one: https://nodejs.org\n`);
    process.exit(1);
  }
  // A hook never fails its agent: it is written down in the project, which is upwards from here.
  let home = process.env.OV_ROOT || process.cwd();
  while (!fs.existsSync(`${home}/.overture`) && home.includes("/")) {
    home = home.slice(0, home.lastIndexOf("/"));
  }
  attempt(() => {
    const line = `${new Date().toISOString()} ${words.join(" ").slice(0, 80)}: ${message}\n`;
    fs.appendFileSync(`${home}/.overture/hooks.log`, line, { mode: 0o600 });
  });
  process.exit(0);
})();
