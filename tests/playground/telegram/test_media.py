"""Pictures, voices and files in both directions."""

from datetime import timedelta

import aiohttp
import pytest
from telegram import Bot, InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest

from playground.telegram import TelegramPerson, TelegramWorld

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf5000000381"
    "0180cf1e5ea90000000049454e44ae426082"
)


async def test_an_uploaded_picture_is_seen_and_can_be_sent_again(bot: Bot, dana: TelegramPerson) -> None:
    sent = await bot.send_photo(dana.chat_id, PIXEL, caption="<i>Look</i>", parse_mode="HTML", filename="chart.png")
    again = await bot.send_photo(dana.chat_id, sent.photo[-1].file_id)

    assert (sent.photo[-1].width, sent.photo[-1].height) == (1, 1)
    assert again.photo == sent.photo
    seen = await dana.sees("Look")
    (media,) = seen.media
    assert (media.kind, media.name) == ("photo", "chart.png")
    async with aiohttp.ClientSession() as session, session.get(media.url) as response:
        assert response.content_type == "image/png"
        assert await response.read() == PIXEL


async def test_an_outside_address_stays_outside(bot: Bot, dana: TelegramPerson) -> None:
    await bot.send_video(dana.chat_id, "https://video.example/tour.mp4", caption="Tour")

    assert [media.url for media in (await dana.sees("Tour")).media] == ["https://video.example/tour.mp4"]


@pytest.mark.parametrize(
    ("mime", "field"),
    [
        ("image/jpeg", "photo"),
        ("audio/ogg", "voice"),
        ("video/mp4", "video"),
        ("application/pdf", "document"),
        ("image/gif", "document"),
    ],
)
async def test_what_a_person_shares_arrives_as_its_kind(mime: str, field: str, bot: Bot, dana: TelegramPerson) -> None:
    await dana.share("thing", b"content", mime, words="Here")

    message = (await bot.get_updates())[0].message
    assert message is not None
    assert getattr(message, field)
    assert message.caption == "Here"


async def test_a_shared_file_is_fetched_within_the_hour(bot: Bot, world: TelegramWorld, dana: TelegramPerson) -> None:
    await dana.share("contract.pdf", b"%PDF-1.7 signed", "application/pdf")
    message = (await bot.get_updates())[0].message
    assert message is not None
    assert message.document is not None
    file = await bot.get_file(message.document.file_id)

    assert bytes(await file.download_as_bytearray()) == b"%PDF-1.7 signed"
    world.clock.turn(timedelta(minutes=61))
    with pytest.raises(Exception, match="Not Found"):
        await file.download_as_bytearray()


async def test_a_file_too_big_to_fetch_is_refused(bot: Bot, dana: TelegramPerson) -> None:
    await dana.share("huge.bin", b"0" * (20 * 2**20 + 1), "application/octet-stream")
    message = (await bot.get_updates())[0].message
    assert message is not None
    assert message.document is not None

    with pytest.raises(BadRequest, match="File is too big"):
        await bot.get_file(message.document.file_id)


async def test_a_caption_and_a_picture_are_replaced_in_place(bot: Bot, dana: TelegramPerson) -> None:
    sent = await bot.send_photo(dana.chat_id, PIXEL, caption="One")
    await bot.edit_message_caption(dana.chat_id, sent.message_id, caption="Two")
    await bot.edit_message_media(InputMediaPhoto(PIXEL, caption="Three"), dana.chat_id, sent.message_id)

    assert [message.text for message in dana.messages() if not message.mine] == ["Three"]
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await bot.edit_message_text("Four", dana.chat_id, sent.message_id)


async def test_an_album_is_several_messages_of_one_group(bot: Bot, dana: TelegramPerson) -> None:
    album = await bot.send_media_group(dana.chat_id, [InputMediaPhoto(PIXEL), InputMediaPhoto(PIXEL, caption="b")])

    assert len({message.media_group_id for message in album}) == 1
    with pytest.raises(BadRequest, match="Can't use the media of the specified type in the album"):
        await bot.send_media_group(dana.chat_id, [InputMediaPhoto(PIXEL), InputMediaDocument(b"x", filename="x.txt")])
