"Hands settings.ini to setuptools; pyproject.toml holds the rest."
from configparser import ConfigParser
from setuptools import find_packages, setup

parser = ConfigParser(delimiters=['='], interpolation=None)
with open('settings.ini', encoding='utf-8') as f: parser.read_file(f)
cfg = parser['DEFAULT']
lib = cfg['lib_name']

setup(
    author=cfg['author'],
    keywords=cfg['keywords'].split(),
    package_dir={'': '.'},        # an editable install is then a plain path: caches left by an earlier install do not hide it
    packages=find_packages(include=[lib, f'{lib}.*']),
    package_data={lib: cfg['package_data'].split()},
    install_requires=cfg['requirements'].split(),
    extras_require={k.removeprefix('extras_'): v.split() for k, v in cfg.items() if k.startswith('extras_')},
    entry_points={'console_scripts': [cfg['console_scripts']], 'nbdev': [f'{lib}={lib}._modidx:d']},
    include_package_data=False,   # package_data says it all
)
