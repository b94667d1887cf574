#include "tests/support/fake_sts/sts_desk.hpp"

#include <string_view>
#include <utility>

namespace arngate::fake_sts {
namespace {

Answer make(int status, std::string_view type, std::string body, std::string request_id, std::string outcome) {
    Answer answer;
    answer.status = status;
    answer.content_type = type;
    answer.body = std::move(body);
    answer.request_id = std::move(request_id);
    answer.outcome = std::move(outcome);
    return answer;
}

Answer refuse(const Refusal& refusal, Format format) {
    std::string id = make_request_id();
    std::string body = error_body(refusal, format, id);
    return make(refusal.status, content_type(format), std::move(body), std::move(id), std::string(refusal.code));
}

Answer dress(AwsApi::Answer answer) {
    return make(
        answer.status, content_type(Format::xml), std::move(answer.body), make_request_id(), std::move(answer.outcome)
    );
}

// A fault that lies in how a proper answer is delivered or dressed.
Answer spoil(const FaultRule::Options& fault, std::string body, Format format) {
    Answer answer =
        make(200, content_type(format), std::move(body), make_request_id(), std::string(name_of(fault.kind)));
    switch (fault.kind) {
        case FaultKind::wrong_content_type:
            answer.content_type = "text/html";
            break;
        case FaultKind::garbage_json:
            answer.body = R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":[}} )";
            break;
        case FaultKind::redirect:
            answer.status = 301;
            answer.body.clear();
            answer.location = "https://localhost/";
            break;
        case FaultKind::huge_body:
            answer.body.insert(0, fault.bytes, ' ');
            break;
        case FaultKind::reset_before:
            answer.delivery = Delivery::reset;
            break;
        case FaultKind::reset_mid:
            answer.delivery = Delivery::half_then_reset;
            break;
        case FaultKind::half_body:
            answer.delivery = Delivery::half_then_close;
            break;
        case FaultKind::slow_body:
            answer.delivery = Delivery::byte_by_byte;
            answer.byte_delay = fault.delay;
            break;
        case FaultKind::goaway:
            answer.delivery = Delivery::goaway;
            break;
        case FaultKind::reset_stream:
            answer.delivery = Delivery::reset_stream;
            break;
        case FaultKind::throttle:
        case FaultKind::internal_failure:
        case FaultKind::service_unavailable:
            break;
    }
    return answer;
}

Answer answer_with_fault(const FaultRule::Options& fault, const Request& request) {
    const Format format = format_for(request);
    switch (fault.kind) {
        case FaultKind::throttle:
            return refuse(throttling(), format);
        case FaultKind::internal_failure:
            return refuse(internal_failure(), format);
        case FaultKind::service_unavailable:
            return refuse(service_unavailable(), format);
        default: {
            const Key somebody{
                .access_key_id = {},
                .secret_access_key = {},
                .session_token = {},
                .expires_at = {},
                .account = "123456789012",
                .arn = "arn:aws:iam::123456789012:user/Somebody",
                .user_id = "AIDASOMEBODYEXAMPLE00"
            };
            return spoil(fault, identity_body(somebody, format, make_request_id()), format);
        }
    }
}

}  // namespace

StsDesk::Verdict StsDesk::judge(const Request& request) {
    ++parts_.stats.requests;
    const AwsApi::Service service = parts_.api == nullptr ? AwsApi::Service::none : parts_.api->service_of(request);
    FaultSwitch& faults = service == AwsApi::Service::ec2 ? parts_.api->ec2_faults() : parts_.faults;
    Verdict verdict{.answer = {}, .plan = faults.current(), .faults = &faults};
    verdict.answer =
        service == AwsApi::Service::none ? decide(request, *verdict.plan) : decide_api(request, service, *verdict.plan);
    return verdict;
}

Answer StsDesk::decide(const Request& request, const FaultPlan& plan) {
    if (const auto* const fault = plan.decide(parts_.clock.steady())) {
        return answer_with_fault(*fault, request);
    }
    const auto key = verify_ ? parts_.check.verify(request, parts_.clock.wall()) : parts_.check.identify(request);
    const Format format = format_for(request);
    if (!key) {
        return refuse(key.error(), format);
    }
    const Key& known = **key;
    if (known.fault) {
        FaultRule::Options fault;
        fault.kind = *known.fault;
        return answer_with_fault(fault, request);
    }
    std::string id = make_request_id();
    if (known.answer) {
        const auto& [status, type, body] = *known.answer;
        return make(status, type, body, std::move(id), "scripted");
    }
    std::string body = identity_body(known, format, id);
    return make(200, content_type(format), std::move(body), std::move(id), "granted");
}

Answer StsDesk::decide_api(const Request& request, AwsApi::Service service, const FaultPlan& plan) {
    const auto* const fault = plan.decide(parts_.clock.steady());
    if (fault == nullptr) {
        return dress(parts_.api->answer(request, service, parts_.clock.wall()));
    }
    const bool is_ec2 = service == AwsApi::Service::ec2;
    switch (fault->kind) {
        case FaultKind::throttle:
            return is_ec2 ? dress(AwsApi::ec2_error(request_limit_exceeded())) : refuse(throttling(), Format::xml);
        case FaultKind::internal_failure:
            return is_ec2 ? dress(AwsApi::ec2_error(internal_failure())) : refuse(internal_failure(), Format::xml);
        case FaultKind::service_unavailable:
            return is_ec2 ? dress(AwsApi::ec2_error(service_unavailable()))
                          : refuse(service_unavailable(), Format::xml);
        default:
            return spoil(*fault, parts_.api->answer(request, service, parts_.clock.wall()).body, Format::xml);
    }
}

}  // namespace arngate::fake_sts
