"""Call the command line in a process in which discord.py finds a loopback Discord instead of the real one."""

import os
import sys

from bot.cli import main
from tests.cli.loopback import loopback

if __name__ == "__main__":
    with loopback(os.environ["FAQTOTUM_TOKEN"]):
        status = main()
    sys.exit(status)
