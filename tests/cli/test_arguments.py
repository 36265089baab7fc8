import pytest

from bot.cli.arguments import parse


@pytest.mark.parametrize("command", [["import", "faq.csv"], ["export"], ["overlap"], ["remine"], ["import-history"]])
def test_a_server_has_an_id_that_discord_could_have_given(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert parse([*command, "--guild", str(2**63 - 1)]).guild == 2**63 - 1
    for text in (str(2**63), "0", "-1", "1.5", "here"):
        with pytest.raises(SystemExit) as caught:
            parse([*command, f"--guild={text}"])
        assert caught.value.code == 2
        assert f"expected a Discord id of 17 to 19 digits, found '{text}'" in capsys.readouterr().err


def test_so_has_a_channel() -> None:
    call = ["import-history", "--guild", "1", "--channel", "2", "--channel"]
    assert parse([*call, "3"]).channel == [2, 3]
    with pytest.raises(SystemExit):
        parse([*call, str(2**63)])
