"""The board of landmarks and the tables of shapes in a browser."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def visit(open_page, app_server):
    """Open a link of the Architectures page and wait until what it shows is there."""

    def start(link, **options):
        page = open_page(app_server(f"architectures?{link}"), **options)
        expect(page.locator(".ab-row, .st-row, .st-head").first).to_be_visible(timeout=60_000)
        return page

    return start


def rows(page):
    return page.locator(".ab-row .ab-name strong")


def test_sorting_opening_and_plotting_go_into_the_link_and_come_back(visit):
    page = visit("part=table")
    expect(rows(page)).to_have_count(13)
    expect(rows(page).first).to_have_text("LeNet-5")
    page.get_by_role("columnheader", name="Top-1").get_by_role("button").click()
    expect(rows(page).first).to_have_text("ConvNeXt-T")
    expect(rows(page).last).to_have_text("LeNet-5")  # another task: not in this order
    page.locator('.ab-row[data-key="vgg16"]').click()
    expect(page.locator(".ab-paper")).to_contain_text("Very Deep Convolutional Networks")
    expect(page.locator(".ab-blocks .ab-column")).to_have_count(23)
    page.get_by_label("Horizontal axis").select_option("parameters")
    expect(page.locator(".ab-stage")).to_contain_text("Parameters · logarithmic")
    expect(page).to_have_url(re.compile("sort=top1"))
    expect(page).to_have_url(re.compile("open=vgg16"))
    expect(page).to_have_url(re.compile("x=parameters"))
    assert "area=" not in page.url

    address = page.url
    page.go_back()
    expect(page.get_by_label("Horizontal axis")).to_have_value("multiplyAdds")
    page.go_forward()
    expect(page.get_by_label("Horizontal axis")).to_have_value("parameters")
    page.get_by_role("button", name="Reset", exact=True).click()
    expect(rows(page).first).to_have_text("LeNet-5")
    expect(page).not_to_have_url(re.compile("sort="))

    again = visit(address.partition("?")[2])
    expect(rows(again).first).to_have_text("ConvNeXt-T")
    expect(again.locator(".ab-paper")).to_contain_text("Very Deep")
    expect(again.get_by_label("Horizontal axis")).to_have_value("parameters")


def test_the_front_is_drawn_and_names_do_not_meet(visit):
    page = visit("part=table&x=parameters&recipe=newest")
    expect(page.locator(".ab-point")).to_have_count(12)
    best = page.locator(".ab-point.ab-best")
    assert set(best.evaluate_all("all => all.map((one) => one.dataset.key)")) == {
        "squeezenet1_1",
        "mobilenet_v2",
        "efficientnet_b0",
        "resnet50",
        "convnext_tiny",
    }
    boxes = [point.bounding_box() for point in page.locator(".ab-point text").all()]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = (
                a["x"] + a["width"] <= b["x"] + 1
                or b["x"] + b["width"] <= a["x"] + 1
                or abs(a["y"] - b["y"]) >= 13  # the boxes are higher than the letters
            )
            assert apart, (a, b)


def test_the_keyboard_reaches_points_rows_and_blocks(visit):
    page = visit("part=table")
    expect(page.locator(".ab-point")).to_have_count(12)
    page.locator('.ab-point[tabindex="0"]').focus()
    page.keyboard.press("Home")
    expect(page.locator('.ab-point[data-key="mobilenet_v3_large"]')).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".ab-row.ab-lit")).to_have_attribute("data-key", "mobilenet_v2")
    page.keyboard.press("Enter")
    expect(page.locator(".ab-idea")).to_contain_text("inverted residual")
    page.locator(".ab-blocks").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".ab-said")).to_contain_text("features.0 (Conv2dNormActivation) → 32 @ 112 × 112")
    page.keyboard.press("Escape")
    expect(page.locator(".ab-opened")).to_have_count(0)
    expect(page.locator('[data-focus="row-mobilenet_v2"]')).to_be_focused()


def test_times_are_measured_on_request_shown_as_they_come_and_can_be_given_up(visit):
    page = visit("part=table&x=time&open=alexnet")
    expect(page.get_by_text("Nothing has been measured here yet")).to_be_visible()
    expect(page.locator(".ab-time .ab-value", has_text="–")).to_have_count(13)
    page.get_by_role("button", name="Measure the time of a pass").click()
    lenet = page.locator('.ab-row[data-key="lenet5"] .ab-time .ab-value')
    expect(lenet).to_have_text(re.compile(r"^[\d.]+ ms$"), timeout=120_000)
    expect(page.locator(".ab-idea")).to_be_visible()  # the open row stays
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Measure the time of a pass")).to_be_visible()
    expect(lenet).to_have_text(re.compile(r"^[\d.]+ ms$"))
    expect(page.locator('.ab-row[data-key="convnext_tiny"] .ab-time .ab-value')).to_have_text("–")


def test_a_landmark_opens_on_the_network_page_without_a_download(visit):
    page = visit("part=table&open=squeezenet1_1")
    page.get_by_role("link", name="Open in the Network page").click()
    expect(page).to_have_url(re.compile(r"/\?.*model=squeezenet1_1"))
    expect(page.get_by_text("Untrained: these weights are random")).to_be_visible(timeout=60_000)


def test_a_landmark_leads_to_its_table_of_shapes(visit):
    page = visit("part=table&open=vgg16")
    page.get_by_role("link", name="Its table of shapes").click()
    expect(page.locator(".st-chain")).to_contain_text("512 @ 7 × 7→4096→1000", timeout=60_000)
    expect(page).to_have_url(re.compile("net=vgg16"))
    assert "open=" not in page.url


def test_rows_and_boxes_of_lenet_light_up_together_and_lead_to_the_layer(visit):
    page = visit("part=shapes")
    expect(page.locator(".st-chain")).to_have_text(
        "1 @ 32 × 32→6 @ 28 × 28→6 @ 14 × 14→16 @ 10 × 10→16 @ 5 × 5→120→84→10"
    )
    page.locator("tr", has=page.get_by_role("link", name="c3")).hover()
    expect(page.locator(".st-said")).to_have_text("c3 (Conv2d) → 16 @ 10 × 10")
    expect(page.locator(".st-stage .block").nth(3)).to_have_class(re.compile("block-lit"))
    page.locator(".st-stage").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("tr.st-lit")).to_contain_text("s4")
    page.get_by_label("also what only changes values").check()
    expect(page.get_by_role("link", name="tanh3")).to_be_visible()
    page.get_by_role("link", name="c3", exact=True).click()
    expect(page).to_have_url(re.compile(r"model=lenet5.*at=c3|at=c3.*model=lenet5"))
    expect(page.locator(".st-key-network_map")).to_be_visible()


def test_blocks_of_a_deep_network_unfold(visit):
    page = visit("part=shapes&net=resnet50")
    expect(page.locator(".st-head")).to_have_count(16)
    expect(page.get_by_role("link", name="layer2.0.conv2")).to_have_count(0)
    page.locator(".st-head button", has_text="layer2.0").click()
    inner = page.locator("tr", has=page.get_by_role("link", name="layer2.0.conv2"))
    expect(inner).to_contain_text("147,456")
    expect(inner).to_contain_text("= 128 × 128 × 3 × 3")
    expect(page.locator("tfoot")).to_contain_text("25,557,032")


@pytest.mark.parametrize("part", ["table&open=convnext_tiny", "shapes&net=lenet5"])
def test_nothing_is_wider_than_a_telephone_in_japanese(visit, part):
    page = visit(f"part={part}&lang=ja", width=420, locale="ja-JP")
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 420
    inside = page.locator(".plain *")
    assert inside.count() > 50
    cut = inside.evaluate_all(
        """all => all.filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth + 1)
                     .filter((one) => getComputedStyle(one).overflowX !== "visible")
                     .map((one) => one.className)"""
    )
    assert not cut
    right = inside.evaluate_all("all => Math.max(...all.map((one) => one.getBoundingClientRect().right))")
    assert right <= 420
